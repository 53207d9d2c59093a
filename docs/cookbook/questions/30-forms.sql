-- theme: years
-- en: Which forms do reports of each year use?
-- zh: 各年度报告使用哪种表式？
-- trap: Some agencies use last year's form. `key_figures` puts the outcomes of the forms of 2019 and 2021 together; columns that only one of them has are NULL for the other.
SELECT year, form, count(*) AS reports
FROM key_figures
GROUP BY year, form ORDER BY year, form;
