-- theme: places
-- en: Who publishes in time?
-- zh: 谁按时公布（1月31日前）？
-- trap: The Regulations ask departments for 31 January and governments for 31 March of the next year. `published_on` is what the page says, NULL where it says nothing: shares are of dated reports only.
SELECT year, count(*) AS reports, count(published_on) AS dated, count(*) FILTER (published_on <= make_date(year + 1, 1, 31)) AS by_january
FROM reports
WHERE year >= 2019 AND agency_kind IS DISTINCT FROM 'government'
GROUP BY year ORDER BY year;
