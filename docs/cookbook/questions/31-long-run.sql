-- theme: years
-- en: How did requests develop since 2008?
-- zh: 2008年以来申请量如何变化？
-- trap: Do not draw one line across a change of the form (nor across 2014, when the statistics table of 2008-2018 became a national one). The view `requests_long_run` has the same figures and others with what each rests on: `source` (`narrative`: a sentence), `comparability`, `counted_since`; add up the reports that are `counted` in `key_figures`, or the bodies below governments count twice.
SELECT year, form, sum(received) AS received, count(received) AS reports
FROM key_figures
WHERE counted AND year >= 2008
GROUP BY year, form HAVING count(received) > 0 ORDER BY year, form;
