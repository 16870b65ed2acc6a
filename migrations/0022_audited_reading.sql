-- That somebody looked into a chat of somebody else by his role is written down as well, and what the connections of people are.
alter table audit_log drop constraint audit_log_action_check;
alter table audit_log add constraint audit_log_action_check check (
  action in (
    'create', 'write', 'delete', 'start', 'stop', 'login', 'logout', 'register', 'request_password_reset',
    'connect', 'disconnect', 'open', 'close'
  )
);
