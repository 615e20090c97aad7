-- The wider CHECKs stay: rows that they would refuse are gone.
DELETE FROM flows WHERE operation IN ('transfer', 'cancel_reservation');
ALTER TABLE ledger_entries DROP COLUMN credit_description;
DELETE FROM leases WHERE name = 'reservations';
DROP TABLE payment_totals;
DROP TABLE payments;
