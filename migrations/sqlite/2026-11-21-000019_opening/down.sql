DROP TABLE key_imports;
DROP TABLE registration_numbers;
DROP TABLE applications;
