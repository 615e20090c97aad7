DROP TABLE name_lookups;
