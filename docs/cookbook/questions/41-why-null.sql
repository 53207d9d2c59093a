-- theme: evidence
-- en: Why is a figure NULL?
-- zh: 数值为何为空？
-- trap: `cells` has a row for every cell that was no plain number (every cell with `--evidence all`). `blank`, `dash` and `word` were printed so; `missing` rows were not printed; the rest was not legible.
SELECT year, "table", status, count(*) AS cells
FROM cells
WHERE value IS NULL AND year >= 2022
GROUP BY year, "table", status ORDER BY year, "table", cells DESC, status;
