
"use strict";
// Fetches what the server has rendered, once a second. Without it the page reloads by itself.
(() => {
  const kEvery = 1000, kPatience = 3000;
  const page = document.querySelector("main");
  const lost = document.getElementById("lost");
  const spoken = document.getElementById("spoken");
  let heard = new Date();

  function show(html) {
    heard = new Date();
    lost.hidden = true;
    const selection = getSelection();
    if (!selection.isCollapsed && page.contains(selection.anchorNode)) {
      return;  // somebody is about to copy something
    }
    const focused = page.contains(document.activeElement) && document.activeElement.getAttribute("href");
    page.innerHTML = html;
    if (focused) {
      page.querySelector(`a[href="${CSS.escape(focused)}"]`)?.focus();
    }
    const summary = page.firstElementChild.dataset;
    document.title = summary.title;
    if (spoken.textContent !== summary.spoken) {
      spoken.textContent = summary.spoken;  // read out, and only what has changed
    }
  }

  function complain() {
    const time = heard.toISOString().slice(11, 19);
    lost.textContent = `No answer from haguard since ${time}. What stands below is as old as that.`;
    lost.hidden = false;
    document.title = "? " + document.title.replace(/^\? /, "");
  }

  async function poll() {
    try {
      const answer = await fetch("/?fragment", {
        cache: "no-store", signal: AbortSignal.timeout(kPatience)});
      if (!answer.ok) {
        throw new Error(answer.statusText);
      }
      show(await answer.text());
    } catch {
      complain();
    }
    setTimeout(poll, kEvery);
  }

  setTimeout(poll, kEvery);
})();
