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

  async function visit(url, { push = true, top = false } = {}) {
    visiting?.abort();
    const mine = visiting = new AbortController();
    const bar = one("[data-progress]");
    bar.classList.add("on");
    try {
      const answer = await fetch(url, { signal: mine.signal, headers: { Accept: "text/html" } });
      if (!answer.ok) throw new Error(String(answer.status));
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
      const pairs = all("[data-swap]").map((before) => [before, fresh.getElementById(before.id)]);
      if (!pairs.length || pairs.some(([, after]) => !after)) throw new Error("nothing to swap");
      const active = document.activeElement;
      const inside = pairs.some(([before]) => before.contains(active));
      const focused = inside ? mark(active) : null;
      const menu = one("[data-pop][open]")?.dataset.pop;
      const scrolled = one("[data-pop][open] .menu")?.scrollTop;
      const typed = active.matches("[data-search]") && [active.value, active.selectionStart];
      for (const [before, after] of pairs) before.replaceWith(document.adoptNode(after));
      document.title = fresh.title;
      if (push) history.pushState({}, "", url);
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
      if (failure.name !== "AbortError") location.assign(url);
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
    if (!event.target.matches("[data-live-form]")) return;
    event.preventDefault();
    clearTimeout(typing);
    visit(addressOf(event.target));
  });

  /* On a phone the menu is wider than the window: it shows the page that one is on. */
  const place = one(".nav [aria-current]");
  if (place) {
    const menu = place.parentElement;
    menu.scrollLeft = place.offsetLeft - (menu.clientWidth - place.offsetWidth) / 2;
  }

  addEventListener("popstate", () => {
    if (location.pathname + location.search !== shown) visit(location.href, { push: false });
  });

  /* Menus close on a click elsewhere. */
  document.addEventListener("click", (event) => {
    for (const menu of all("[data-pop][open]")) if (!menu.contains(event.target)) menu.open = false;
  });

  /* Relative times, written as the server writes them; nothing runs in a hidden tab. */
  const ago = (seconds) => {
    if (seconds < 5) return "now";
    if (seconds < 60) return `${Math.floor(seconds)}s ago`;
    if (seconds < 3600) return `${Math.floor(seconds / 60)}m ago`;
    if (seconds < 86400) return `${Math.floor(seconds / 3600)}h ago`;
    if (seconds < 1209600) return `${Math.floor(seconds / 86400)}d ago`;
    return `${Math.floor(seconds / 604800)}w ago`;
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
      if (navigator.locks) await navigator.locks.request(source, listen);
      else await listen();
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
  document.addEventListener("change", (event) => { if (event.target.matches("[data-pick]")) countPicks(); });
  addEventListener("pageshow", countPicks);

  /* What is ticked to be compared, kept from page to page of this tab. */
  const most = 4;
  const picked = {
    get: () => { try { return JSON.parse(sessionStorage.getItem("compare")) || []; } catch { return []; } },
    set: (ids) => { try { sessionStorage.setItem("compare", JSON.stringify(ids)); } catch { /* As above. */ } },
  };
  const boxes = () => all('input[form="compare"][data-pick]');
  const restorePicks = () => {
    const tray = one("[data-tray]");
    if (!tray) return;
    const ids = picked.get();
    for (const box of boxes()) {
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
  const compare = () => {
    const query = new URLSearchParams();
    for (const [key, value] of new FormData(one("#compare"))) if (key !== "model") query.append(key, value);
    for (const id of picked.get()) query.append("model", id);
    if (picked.get().length > 1) location.assign(`/compare?${query}`);
  };
  document.addEventListener("change", (event) => {
    if (!event.target.matches('input[form="compare"][data-pick]')) return;
    const ids = picked.get().filter((id) => id !== event.target.value);
    if (event.target.checked) ids.push(event.target.value);
    picked.set(ids.slice(0, most));
    restorePicks();
    say(`${ids.length} ticked to compare`);
  });
  document.addEventListener("submit", (event) => {
    if (event.target.id !== "compare") return;
    event.preventDefault();
    compare();
  });
  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-tray-clear]")) return;
    picked.set([]);
    restorePicks();
  });
  addEventListener("pageshow", restorePicks);

  /* Keys. Single keys can be switched off (WCAG 2.1.4) and never act in fields or with modifiers. */
  const help = one("[data-shortcuts]");
  const switchOn = one("[data-keys-on]");
  const kept = {
    get: (key) => { try { return localStorage.getItem(key); } catch { return null; } },
    set: (key, value) => { try { localStorage.setItem(key, value); } catch { /* Private mode keeps nothing. */ } },
  };
  switchOn.checked = kept.get("keys") !== "off";
  switchOn.addEventListener("change", () => kept.set("keys", switchOn.checked ? "on" : "off"));

  document.addEventListener("click", (event) => {
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
    c: compare,
    "/": () => one("[data-search]")?.focus(),
    g: () => { waitingForPlace = Date.now(); },
  };
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      const menu = one("[data-pop][open]");
      if (menu) {
        menu.open = false;
        one("summary", menu).focus();
      } else if (event.target.matches?.("[data-search]")) {
        event.target.blur();
      }
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
    const act = actions[event.key];
    if (act) {
      event.preventDefault();
      act();
    }
  });
})();
