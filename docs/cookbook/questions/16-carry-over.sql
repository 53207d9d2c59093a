-- theme: requests
-- en: Who leaves most of its work to the next year?
-- zh: 谁结转到下年的比例最高？
-- trap: The load of a year is what was carried over and what was received. What was carried forward is not among the outcomes.
SELECT year, agency_name, carried_over, received, carried_forward, round(carried_forward / (carried_over + received), 3) AS share
FROM key_figures
WHERE stands_for = 'body' AND carried_over + received >= 20 AND carried_forward IS NOT NULL
ORDER BY share DESC, year, agency_name LIMIT 5;
