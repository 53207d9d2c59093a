-- theme: requests
-- en: How many agencies received no request at all?
-- zh: 有多少机关全年没有收到申请？
-- trap: 0 was printed; NULL was blank, a dash or not legible, and is not zero. `cells.status` says which ([why is it NULL](evidence.md#why-null)).
SELECT year, count(*) AS reports, count(*) FILTER (received = 0) AS printed_zero, count(*) FILTER (received IS NULL) AS not_known
FROM key_figures
WHERE stands_for = 'body' AND form IN ('2019', '2021')
GROUP BY year ORDER BY year;
