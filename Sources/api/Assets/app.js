/* Everything here makes a working page quicker to use. Without it all links, rows and states are the same. */
(() => {
  "use strict";
  const one = (selector, root = document) => root.querySelector(selector);
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const root = document.documentElement;

  const say = (words) => {
    const region = one("[data-announce]");
    if (region) region.textContent = words;
  };

  /* Theme: system, light, dark. The cookie lets the server draw the right one in the first byte. */
  const themes = ["system", "light", "dark"];
  const theme = () => root.dataset.theme || "system";
  const setTheme = (name) => {
    if (name === "system") delete root.dataset.theme;
    else root.dataset.theme = name;
    const keep = name === "system" ? "max-age=0" : "max-age=31536000";
    document.cookie = `theme=${name === "system" ? "" : name}; path=/; ${keep}; samesite=lax`;
    one("[data-theme-toggle]")?.setAttribute("aria-label", `Theme: ${name}`);
    say(`Theme: ${name}`);
  };
  const nextTheme = () => setTheme(themes[(themes.indexOf(theme()) + 1) % themes.length]);

  /* In-page visits: the same addresses and the same HTML; only the parts marked data-swap are replaced. */
  let visiting = null;
  let shown = location.pathname + location.search;
  let row = -1;

  /* How to find a control again in fresh HTML: by its id, or by its name and value. */
  const mark = (node) => node.id ? `#${CSS.escape(node.id)}`
    : node.name ? `[name="${CSS.escape(node.name)}"][value="${CSS.escape(node.value)}"]` : "";
  const find = (selector) => selector ? one(selector) : null;

  /* What an address asks for, in whichever order and spelling. */
  const asked = (address) => {
    const { pathname, searchParams, hash } = new URL(address, location.href);
    searchParams.sort();
    return `${pathname}?${searchParams}${hash}`;
  };

  /* A failure is told beside the old rows, and the address is theirs again, also after a step through the history. */
  const fail = (url, top) => {
    if (location.pathname + location.search !== shown) history.pushState({}, "", shown);
    const banner = one("[data-failed]") || one("[data-failure]").content.firstElementChild.cloneNode(true);
    one("button", banner).onclick = () => visit(url, { top });
    if (banner.isConnected) say(one("p", banner).textContent);
    else (one("#results") || one("[data-swap]")).before(banner);
    banner.scrollIntoView({ block: "nearest" });
  };

  async function visit(url, { push = true, top = false } = {}) {
    visiting?.abort();
    const mine = visiting = new AbortController();
    const bar = one("[data-progress]");
    bar.classList.add("on");
    let answered = false;
    try {
      const answer = await fetch(url, { signal: mine.signal, headers: { Accept: "text/html" } });
      if (answer.status >= 500) throw new Error(String(answer.status));
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
      answered = true;
      if (!answer.ok) throw new Error(String(answer.status));
      const pairs = all("[data-swap]").map((before) => [before, fresh.getElementById(before.id)]);
      if (!pairs.length || pairs.some(([, after]) => !after)) throw new Error("nothing to swap");
      const active = document.activeElement;
      const failed = one("[data-failed]");
      const inside = failed?.contains(active) || pairs.some(([before]) => before.contains(active));
      const focused = inside ? mark(active) : null;
      const menu = one("[data-pop][open]")?.dataset.pop;
      const scrolled = one("[data-pop][open] .menu")?.scrollTop;
      const typed = active.matches("[data-search]") && [active.value, active.selectionStart];
      failed?.remove();
      for (const [before, after] of pairs) before.replaceWith(document.adoptNode(after));
      document.title = fresh.title;
      if (push && asked(url) !== asked(location.href)) history.pushState({}, "", url);
      shown = location.pathname + location.search;
      row = -1;
      countPicks();
      restorePicks();
      document.dispatchEvent(new Event("swapped"));
      /* A menu stays open while its boxes are ticked, and a search field keeps what is being typed. */
      const reopened = menu && one(`[data-pop="${menu}"]`);
      if (reopened) {
        reopened.open = true;
        one(".menu", reopened).scrollTop = scrolled;
      }
      const results = one("#results") || pairs[0][1];
      if (top) {
        results.focus({ preventScroll: true });
        results.scrollIntoView({ block: "start" });
      } else if (focused !== null) {
        (find(focused) || results).focus({ preventScroll: true });
        const search = one("[data-search]");
        if (typed && document.activeElement === search) {
          search.value = typed[0];
          search.setSelectionRange(typed[1], typed[1]);
        }
      }
      const pager = one(".pager")?.textContent.replace(/Previous|Next|Compare what is ticked/g, " ").trim();
      say(pager || one("[data-count]")?.textContent || document.title);
    } catch (failure) {
      if (mine.signal.aborted) return;
      /* An answer that has nothing to swap, such as the form to sign in, is a page of its own. */
      if (answered) location.assign(url);
      else fail(url, top);
    } finally {
      if (mine === visiting) bar.classList.remove("on");
    }
  }

  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-nav]");
    if (!link || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey || event.button) return;
    event.preventDefault();
    visit(link.href, { top: link.matches("[rel]") });
  });
  /* A form of plain fields is an address: what is usual or empty stays out of it. */
  const addressOf = (form) => {
    const query = new URLSearchParams();
    for (const [key, value] of new FormData(form)) {
      if (value.trim() && usual[key] !== value) query.append(key, value.trim());
    }
    return location.pathname + (String(query) && `?${query}`);
  };
  const usual = { profile: "default", sort: "-score", density: "cosy", feed: "hub" };
  let typing = 0;
  document.addEventListener("input", (event) => {
    if (!event.target.matches("[data-live-form] [data-search]")) return;
    clearTimeout(typing);
    typing = setTimeout(() => visit(addressOf(event.target.form)), 180);
  });
  document.addEventListener("change", (event) => {
    const form = event.target.form;
    if (form?.matches("[data-live-form]") && !event.target.matches("[data-search]")) visit(addressOf(form));
  });
  document.addEventListener("submit", (event) => {
    if (!event.target.matches("#compare, [data-live-form]")) return;
    event.preventDefault();
    clearTimeout(typing);
    if (event.target.id === "compare") compare(event.target);
    else visit(addressOf(event.target));
  });

  /* On a phone the menu is wider than the window: it shows the page that one is on. */
  const here = one(".nav [aria-current]");
  const nav = one(".nav");
  if (here) nav.scrollLeft = here.offsetLeft - (nav.clientWidth - here.offsetWidth) / 2;

  addEventListener("popstate", () => {
    if (location.pathname + location.search !== shown) visit(location.href, { push: false });
  });

  /* Relative times, written as the server writes them; nothing runs in a hidden tab. */
  const ago = (seconds) => {
    if (seconds < 5) return "now";
    const units = [[60, 1, "s"], [3600, 60, "m"], [86400, 3600, "h"], [1209600, 86400, "d"], [Infinity, 604800, "w"]];
    const [, size, letter] = units.find(([end]) => !(seconds >= end));
    return `${Math.floor(seconds / size)}${letter} ago`;
  };
  const tick = () => {
    if (document.hidden) return;
    for (const time of all("time[data-rel]")) {
      const words = ago((Date.now() - Date.parse(time.dateTime)) / 1000);
      if (time.textContent !== words) time.textContent = words;
    }
  };
  setInterval(tick, 10_000);
  document.addEventListener("visibilitychange", tick);

  /* Live values. One stream per browser and address of it: the tab that holds the lock has it and tells the others; a
     hidden tab lets it go, because HTTP/1.1 allows six connections only. */
  const source = document.body.dataset.events;
  const toggle = one("[data-live-toggle]");
  let paused = false;
  let lost = false;
  let changedAt = Date.now();
  const waiting = {};
  const showState = () => {
    const [dot, words] = one("[data-live-status]")?.children ?? [];
    if (!words || !(source && window.EventSource)) return;
    dot.className = lost || paused ? "dot" : dot.dataset.rest || "dot good";
    const last = `Last update ${ago((Date.now() - changedAt) / 1000)}`;
    words.textContent = paused ? "Updates paused" : lost ? `${last}, retrying` : words.dataset.rest || "Live";
    if (!words.dataset.rest) words.title = last;
  };
  const show = (values) => {
    Object.assign(waiting, values);
    changedAt = Date.now();
    if (!paused) {
      for (const node of all("[data-live]")) {
        const text = waiting[node.dataset.live];
        if (text === undefined || node.textContent === text) continue;
        node.textContent = text;
        if (node.dataset.value !== undefined) node.dataset.value = text;
        node.classList.remove("flash");
        void node.offsetWidth;
        node.classList.add("flash");
      }
      /* Marks: bars and meters are attributes. They take the place that they have, so nothing moves. */
      for (const node of all("[data-mark]")) {
        for (const pair of node.dataset.mark.split(" ")) {
          const [name, key] = pair.split("=");
          const value = waiting[key];
          if (value !== undefined && node.getAttribute(name) !== value) node.setAttribute(name, value);
        }
      }
      /* What is new is offered; rows never change under a reader. */
      const news = one("[data-news]");
      const newest = news && waiting[`snapshot ${news.dataset.feed}`];
      if (newest) news.hidden = newest === news.dataset.news;
      const stale = one("[data-stale]");
      const dead = waiting["total.dead"];
      if (stale && dead !== undefined) stale.hidden = dead === stale.dataset.stale;
    }
    showState();
  };
  const pause = () => {
    if (!toggle) return;
    paused = !paused;
    toggle.setAttribute("aria-pressed", paused);
    one("span", toggle).textContent = paused ? "Resume updates" : "Pause updates";
    say(paused ? "Updates paused" : "Updates resumed");
    show({});
  };
  toggle?.addEventListener("click", pause);

  if (source && window.EventSource) {
    const others = window.BroadcastChannel ? new BroadcastChannel(source) : null;
    let leads = false;
    const take = (message) => {
      lost = message === null;
      if (lost) showState();
      else show(message);
    };
    /* A tab that is new asks; the one that has the stream answers with all it knows. */
    if (others) {
      others.onmessage = ({ data }) => {
        if (data !== "ask") take(data);
        else if (leads) others.postMessage(lost ? null : waiting);
      };
      others.postMessage("ask");
    }
    const pass = (message) => {
      take(message);
      others?.postMessage(message);
    };
    const listen = () => document.hidden ? null : new Promise((done) => {
      const stream = new EventSource(source);
      leads = true;
      const end = () => {
        stream.close();
        leads = false;
        document.removeEventListener("visibilitychange", leave);
        done();
      };
      const leave = () => { if (document.hidden) end(); };
      document.addEventListener("visibilitychange", leave);
      stream.onopen = () => pass({});
      stream.onmessage = (event) => pass(JSON.parse(event.data));
      stream.addEventListener("snapshot", (event) => {
        const { feed, id } = JSON.parse(event.data);
        pass({ [`snapshot ${feed}`]: id });
      });
      stream.onerror = () => {
        pass(null);
        /* Closed means that the browser has given up; connecting means that it tries by itself. */
        if (stream.readyState === EventSource.CLOSED) setTimeout(end, 5_000);
      };
    });
    let standing = false;
    const stand = async () => {
      if (standing || document.hidden) return;
      standing = true;
      await (navigator.locks ? navigator.locks.request(source, listen) : listen());
      standing = false;
      stand();
    };
    document.addEventListener("visibilitychange", stand);
    setInterval(showState, 10_000);
    stand();
  }

  /* Acts on what is ticked say how many that are. */
  const countPicks = () => {
    const count = all("[data-pick]:checked").length;
    for (const button of all("[data-needs-pick]")) {
      button.disabled = !count;
      button.textContent = `${button.dataset.needsPick} ${count || ""} selected…`.replace("  ", " ");
    }
  };

  /* What is ticked to be compared, kept from page to page of this tab: for each feed, as they share no models. */
  const most = 4;
  const pickKey = () => `compare ${new URLSearchParams(location.search).get("feed") || usual.feed}`;
  const picks = () => { try { return JSON.parse(sessionStorage.getItem(pickKey())) || []; } catch { return []; } };
  const setPicks = (ids) => {
    try { sessionStorage.setItem(pickKey(), JSON.stringify(ids)); } catch { /* Private mode keeps nothing. */ }
    restorePicks();
  };
  const restorePicks = () => {
    const tray = one("[data-tray]");
    if (!tray) return;
    const ids = picks();
    for (const box of all('input[form="compare"][data-pick]')) {
      box.checked = ids.includes(box.value);
      box.disabled = !box.checked && ids.length >= most;
    }
    tray.hidden = !ids.length;
    const names = ids.map((id) => id.split("/").pop());
    one("[data-tray-text]").textContent = ids.length < 2
      ? `${names[0] || ""}: tick another to compare`
      : `${names.join(", ")}${ids.length < most ? "" : " (4 at most)"}`;
    one("[data-tray-go]").disabled = ids.length < 2;
  };
  const compare = (form) => {
    const query = new URLSearchParams();
    for (const [key, value] of new FormData(form)) if (key !== "model") query.append(key, value);
    for (const id of picks()) query.append("model", id);
    location.assign(`/compare?${query}`);
  };
  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-pick]")) countPicks();
    if (!event.target.matches('input[form="compare"][data-pick]')) return;
    const ids = picks().filter((id) => id !== event.target.value);
    if (event.target.checked) ids.push(event.target.value);
    setPicks(ids.slice(0, most));
    say(`${ids.length} ticked to compare`);
  });
  addEventListener("pageshow", () => { countPicks(); restorePicks(); });

  /* Keys. Single keys can be switched off (WCAG 2.1.4) and never act in fields or with modifiers. */
  const help = one("[data-shortcuts]");
  const switchOn = one("[data-keys-on]");
  try { switchOn.checked = localStorage.getItem("keys") !== "off"; } catch { /* As above: they are on. */ }
  switchOn.addEventListener("change", () => {
    try { localStorage.setItem("keys", switchOn.checked ? "on" : "off"); } catch { /* As above. */ }
  });

  document.addEventListener("click", (event) => {
    /* Menus close on a click elsewhere. */
    for (const menu of all("[data-pop][open]")) if (!menu.contains(event.target)) menu.open = false;
    if (event.target.closest("[data-tray-clear]")) setPicks([]);
    if (event.target.closest("[data-theme-toggle]")) nextTheme();
    if (event.target.closest("[data-help]")) help.showModal();
    if (event.target.closest("[data-close]")) event.target.closest("dialog").close();
  });

  const goToRow = (index) => {
    const rows = all("[data-row]");
    if (!rows.length) return;
    rows[row]?.classList.remove("cur");
    row = Math.max(0, Math.min(rows.length - 1, index));
    rows[row].classList.add("cur");
    one("[data-open]", rows[row])?.focus({ preventScroll: true });
    rows[row].scrollIntoView({ block: "nearest" });
  };

  let waitingForPlace = 0;
  const actions = {
    "?": () => help.showModal(),
    j: () => goToRow(row + 1),
    k: () => goToRow(row - 1),
    n: () => one("a[rel=next]")?.click(),
    p: () => one("a[rel=prev]")?.click(),
    t: nextTheme,
    l: pause,
    x: () => one("tr.cur [data-pick]")?.click(),
    X: () => one("[data-clear]")?.click(),
    c: () => one("[data-tray-go]")?.click(),
    "/": () => one("[data-search]")?.focus(),
    g: () => { waitingForPlace = Date.now(); },
  };
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      const isSearch = event.target.matches?.("[data-search]");
      const menu = one("[data-pop][open]");
      /* By itself a search field empties, and then holds another text than the rows are of. */
      if (isSearch) event.preventDefault();
      if (isSearch && !menu) event.target.blur();
      if (!menu) return;
      menu.open = false;
      one("summary", menu).focus();
      return;
    }
    const inField = event.target.matches?.("input:not([type=checkbox]), select, textarea");
    const modified = event.metaKey || event.ctrlKey || event.altKey || event.isComposing;
    if (!switchOn.checked || modified || inField || help.open) return;
    if (Date.now() - waitingForPlace < 900 && /^[1-9]$/.test(event.key)) {
      waitingForPlace = 0;
      all(".nav a")[event.key - 1]?.click();
      return;
    }
    if (!actions[event.key]) return;
    event.preventDefault();
    actions[event.key]();
  });
})();
