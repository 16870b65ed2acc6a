-- What a chat has cost: the board sums it for each of its cards, and a message's row is wide.
create index chat_messages_cost on chat_messages (chat_id) include (total_cost_micros) where total_cost_micros is not null;
