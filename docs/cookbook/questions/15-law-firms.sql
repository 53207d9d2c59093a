-- theme: requests
-- en: Where do legal service organisations ask most?
-- zh: 法律服务机构的申请集中在哪里？
-- trap: A share of few requests jumps; `received` stands beside it.
SELECT region, sum(received_legal_service) AS law, sum(received) AS received, round(sum(received_legal_service) / nullif(sum(received), 0), 3) AS share
FROM key_figures
WHERE counted AND agency_level = 'county' AND received_legal_service IS NOT NULL AND received IS NOT NULL
GROUP BY region ORDER BY share DESC, region LIMIT 5;
