-- theme: proactive
-- en: How many normative documents are made, abolished and in force?
-- zh: 规范性文件制发、废止、现行有效各多少件？
-- trap: The form of 2021 counts documents in force; that of 2019 counted those published. Columns that a form does not have are NULL.
SELECT year, k.form, sum(made) AS made, sum(issued) AS issued, sum(abolished) AS abolished, sum(in_force) AS in_force
FROM proactive_disclosure AS p JOIN key_figures AS k USING (report_id, year, region, scope)
WHERE k.counted AND item = 'normative_documents'
GROUP BY year, k.form ORDER BY year, k.form;
