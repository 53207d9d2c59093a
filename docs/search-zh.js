// The index of the site parts words at blanks, of which Chinese has none. A query with Chinese characters is looked for in the texts
// themselves, which the index keeps: every word of the query must stand in a section.
(() => {
  const chinese = /[\u3400-\u9fff\uf900-\ufaff]/;
  const around = 60;

  const times = (text, word) => text.split(word).length - 1;

  function found(docs, query) {
    const words = query.toLowerCase().split(/\s+/).filter(word => word);
    const results = [];
    for (const [ref, doc] of Object.entries(docs)) {
      const [title, crumbs, body] = [doc.title, doc.breadcrumbs, doc.body].map(text => (text || "").toLowerCase());
      if (!words.every(word => title.includes(word) || crumbs.includes(word) || body.includes(word))) continue;
      const score = words.reduce((sum, w) => sum + 8 * times(title, w) + 3 * times(crumbs, w) + times(body, w), 0);
      const at = Math.max(0, ...words.map(word => body.indexOf(word)));
      const start = Math.max(0, at - around);
      const shown = (start > 0 ? "… " : "") + doc.body.slice(start, at + 2 * around);
      results.push({ ref, score, doc: { ...doc, body: shown } });
    }
    return results.sort((a, b) => b.score - a.score || Number(a.ref) - Number(b.ref));
  }

  const load = elasticlunr.Index.load;
  elasticlunr.Index.load = kept => {
    const index = load.call(elasticlunr.Index, kept);
    const search = index.search.bind(index);
    index.search = (query, options) =>
      chinese.test(query) ? found(kept.documentStore.docs, query) : search(query, options);
    return index;
  };
})();
