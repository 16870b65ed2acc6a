-- Why an answer is not a whole one: at the output limit, refused, without words. Null for those that are, and for older ones.
alter table chat_messages add column finish_reason text;
