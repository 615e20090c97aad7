DELETE FROM leases WHERE name = 'limit_settler';
DROP TABLE limits;
