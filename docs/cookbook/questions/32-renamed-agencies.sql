-- theme: years
-- en: Which agencies changed their names?
-- zh: 哪些机关改过名称？
-- trap: `agency_id` stays while place, function and level stay. After a reform of offices (2018, 2023) a function may move to another office: `agency_kind` says which.
SELECT agency_name, names, first_year, last_year
FROM agencies
WHERE names LIKE '%; %'
ORDER BY agency_name LIMIT 5;
