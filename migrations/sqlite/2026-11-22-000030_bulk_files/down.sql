INSERT INTO user_rights (user_id, user_right)
SELECT DISTINCT user_id, substr(user_right, 1, length(user_right) - 9)
FROM user_rights
WHERE user_right IN ('bulk_make_transfer', 'bulk_approve_transfer', 'bulk_send_transfer');
DELETE FROM user_rights WHERE user_right IN
    ('bulk_make_transfer', 'bulk_approve_transfer', 'bulk_send_transfer',
     'bulk_make_payroll', 'bulk_approve_payroll', 'bulk_send_payroll',
     'bulk_make_debit', 'bulk_approve_debit', 'bulk_send_debit');
DELETE FROM leases WHERE name = 'bulk_files';
DROP TABLE bulk_reports;
DROP TABLE bulk_failures;
DROP TABLE bulk_results;
DROP TABLE bulk_events;
DROP TABLE bulk_approvals;
DROP TABLE bulk_chunks;
DROP TABLE bulk_files;
DROP TABLE bulk_services;
