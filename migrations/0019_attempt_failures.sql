-- What people were told when an attempt failed: sentence, kind, the provider's own words. The journal has ids and scalars only.
-- Null for attempts that ended otherwise, and for those of before.
alter table chat_attempts add column failure jsonb;
