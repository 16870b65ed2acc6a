-- Name of the person who stopped this one call while its turn went on: an owner that takes the chat over ends the call too.
alter table tool_calls add column stopped_by text;
