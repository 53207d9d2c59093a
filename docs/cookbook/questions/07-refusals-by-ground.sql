-- theme: outcomes
-- en: On which grounds is information refused?
-- zh: 不予公开的各项理由各有多少？
-- trap: Since 2019 there are eight grounds. Blank cells are NULL and drop out of the sums; `*_filled` counts them as 0 ([blanks as zeros](#blanks-as-zeros)).
SELECT year, ground, sum(n) AS refused, count(n) AS reports FROM
  (UNPIVOT (FROM key_figures WHERE counted AND year = 2022) ON refused_state_secret, refused_other_law, refused_three_safeties,
   refused_third_party, refused_internal, refused_process, refused_enforcement_file, refused_inquiry INTO NAME ground VALUE n)
GROUP BY year, ground ORDER BY refused DESC, ground;
