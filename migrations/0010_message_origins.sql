-- Who made an assistant's message: the endpoint and the account, as fingerprints. What a provider sealed for one account is
-- refused by all others. Null in rows of before, and where no provider's data is kept: there the model config stands for it.
alter table chat_messages add column provider_origin text;
