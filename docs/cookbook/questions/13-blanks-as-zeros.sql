-- theme: outcomes
-- en: And if a blank cell is taken for a zero?
-- zh: 若把空白当作0，结果有何不同？
-- trap: A blank, a dash and 无 are NULL in every table, since nobody can tell whether nothing happened or nothing was counted. `*_filled` reads them as 0 and says where (`is_filled`, `filled_columns`); cells that were not legible stay NULL there too.
SELECT year, item_group, sum(total) AS with_zeros, count(total) AS figures, count(*) FILTER (list_contains(filled_columns, 'total')) AS of_them_filled
FROM disclosure_requests_filled
WHERE item_group IS NOT NULL AND year = 2020
GROUP BY year, item_group HAVING of_them_filled > 0 ORDER BY year, item_group;
