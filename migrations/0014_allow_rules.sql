-- The rule that a person who is asked about a call may put into the chat's own, so that calls like it run.

alter table tool_calls add column allow_rule jsonb;
