-- theme: requests
-- en: Who asks for information?
-- zh: 谁在申请信息公开？
-- trap: Only reports that print all six kinds of applicants and the total are taken, so that the shares add up to one.
SELECT year, count(*) AS reports, round(sum(received_natural_person) / sum(received), 3) AS persons, round(sum(received_business) / sum(received), 3) AS businesses,
  round(sum(received_research + received_public_interest) / sum(received), 3) AS research_ngo,
  round(sum(received_legal_service) / sum(received), 3) AS law, round(sum(received_other_org) / sum(received), 3) AS others
FROM key_figures WHERE counted AND received_natural_person + received_business + received_research + received_public_interest
  + received_legal_service + received_other_org = received GROUP BY year ORDER BY year;
