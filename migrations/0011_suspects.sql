-- After a crash, which of the chats that were running is to blame. `recovery_attempts` counts the crashes that are one chat's
-- alone; `suspicion` those for which it could not be excluded, since its history last changed. A chat on trial was resumed as a
-- suspect: when the server goes down meanwhile, the others are not to blame. `src/db/chats/instances.ts` has the rules.
alter table chats
  add column suspicion integer not null default 0,
  add column on_trial boolean not null default false;

-- Crashes counted so far were counted against every chat that ran.
update chats set suspicion = recovery_attempts where recovery_attempts > 0;
