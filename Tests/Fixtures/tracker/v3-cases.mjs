// Writes v3-cases.json: v3 documents as the runtime of their first clients prints them.
//
//     node v3-cases.mjs > v3-cases.json
//
// Rounding, number text and string escapes are ECMAScript's own here. The cases come from a seeded generator and are
// rich in ties, halves, equal and missing figures, and texts that need escapes.

let state = 20260504;
function chance() {
  state = (state + 0x6d2b79f5) | 0;
  let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
  mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
}
const below = (limit) => Math.floor(chance() * limit);
const pick = (values) => values[below(values.length)];

const names = ["Llama 3 8B", "  Ünïcode—Modell ", "gpt-oss 20B", "«Ça va» 9B!", "A \"quoted\" \\ name", "模型 7B", "---", "İstanbul K2",
  "Tab\there", "Straße_v0.2", "x", "Bell\u0007 \u2028 \u007f"];
const messages = ["Request failed with status 404", "line one\nline two", "timeout of 10000ms exceeded", "\"quoted\""];

function range(values) {
  if (values.length === 0) return { min: 0, max: 1 };
  const min = Math.min(...values);
  const max = Math.max(...values);
  return min === max ? { min: min === 0 ? 0 : min - 1, max: max + 1 } : { min, max };
}

function scale(value, { min, max }) {
  const scaled = (Math.min(Math.max(value, min), max) - min) / (max - min);
  return Number.isFinite(scaled) ? scaled : 0.5;
}

const round = (value) => Math.round(value * 10) / 10;

function snapshot(updatedAt, curated) {
  const models = curated.map((one) => {
    const slug = one.displayName.toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-+|-+$/g, "");
    const known = one.error === undefined;
    const recencyDays = known && one.lastModified !== null
      ? Math.max(0, Math.round((Date.parse(updatedAt) - Date.parse(one.lastModified)) / 86_400_000)) : null;
    return {
      id: one.id, slug, name: one.displayName, provider: one.provider, ...(one.focus === undefined ? {} : { focus: one.focus }),
      metrics: { downloads: known ? one.downloads : 0, likes: known ? one.likes : 0,
        lastModified: known ? one.lastModified : null, recencyDays },
      status: known ? "ready" : "error", source: known ? `https://huggingface.co/${one.id}` : "https://huggingface.co",
      ...(known ? {} : { error: one.error }),
      scores: { adoption: 0, ecosystem: 0, velocity: 0, total: 0 },
    };
  });
  const ready = models.filter((model) => model.status === "ready");
  const downloadRange = range(ready.map((model) => model.metrics.downloads));
  const likeRange = range(ready.map((model) => model.metrics.likes));
  const recencyRange = range(ready.map((model) => model.metrics.recencyDays).filter((days) => days !== null));
  for (const { metrics, scores } of ready) {
    const adoption = 100 * scale(metrics.downloads, downloadRange);
    const ecosystem = 100 * scale(metrics.likes, likeRange);
    const velocity = metrics.recencyDays === null ? 50 : 100 * (1 - scale(metrics.recencyDays, recencyRange));
    const total = 0.45 * adoption + 0.35 * ecosystem + 0.2 * velocity;
    Object.assign(scores,
      { adoption: round(adoption), ecosystem: round(ecosystem), velocity: round(velocity), total: round(total) });
  }
  models.sort((left, right) => right.scores.total - left.scores.total);
  return {
    updatedAt, models,
    metrics: { downloadRange, likeRange, recencyRange, sourceCount: models.length, readyCount: ready.length },
    scores: { weights: { adoption: 0.45, ecosystem: 0.35, velocity: 0.2 } },
  };
}

const now = Date.parse("2026-05-04T08:43:19.965Z");
const cases = [];
for (let number = 0; number < 60; number++) {
  const updatedAt = new Date(now + below(1e9)).toISOString();
  const most = pick([1, 2, 3, 20, 2000, 250_000_000]);
  const curated = [];
  for (let place = below(9); place > 0; place--) {
    const one = { id: `owner-${below(5)}/Model_${place}.${below(10)}`, displayName: pick(names), provider: pick(names) };
    if (chance() < 0.6) one.focus = pick(names);
    if (chance() < 0.2) {
      one.error = pick(messages);
    } else {
      const days = below(pick([1, 2, 800]));
      const offset = pick([0, 43_200_000, 43_199_999, 43_200_001, below(86_400_000), -90_000_000]);
      Object.assign(one, { downloads: below(most + 1), likes: below(pick([1, 2, 15_000])),
        lastModified: chance() < 0.1 ? null : new Date(Date.parse(updatedAt) - days * 86_400_000 - offset).toISOString() });
    }
    curated.push(one);
  }
  cases.push({ updatedAt, curated, document: JSON.stringify(snapshot(updatedAt, curated)) });
}
console.log("[\n" + cases.map((one) => JSON.stringify(one)).join(",\n") + "\n]");
