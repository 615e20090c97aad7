DELETE FROM payment_totals
WHERE service = 'all' AND user_id = 0 AND EXISTS (
    SELECT 1 FROM payment_totals AS own
    WHERE own.contract_id = payment_totals.contract_id AND own.on_day = payment_totals.on_day
    AND own.service = 'all' AND own.user_id > 0
);
