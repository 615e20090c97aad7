-- What all users of a company send on a day, whatever the service: a limit of companies that have not
-- applied for tokens. Until now only each user's own was counted.
INSERT INTO payment_totals (contract_id, on_day, user_id, service, counted_yen, executed_yen)
SELECT contract_id, on_day, 0, 'all', SUM(counted_yen), SUM(executed_yen)
FROM payment_totals
WHERE service = 'all' AND user_id > 0
GROUP BY contract_id, on_day;
