DELETE FROM leases WHERE name = 'bill_settler';
DELETE FROM flows WHERE operation = 'pay_easy';
DROP TABLE simulated_bills;
DROP TABLE simulated_billers;
DROP TABLE bill_tries;
DROP TABLE bill_claims;
