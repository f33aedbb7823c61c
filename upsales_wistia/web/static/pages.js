// Small helps for those who have scripts; every page is whole without them.
"use strict";

// The zone in which times are shown. A page that was made in another one is fetched once more.
(() => {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const known = document.cookie.split("; ").find((part) => part.startsWith("zone="));
  if (!zone || known === `zone=${zone}`) return;
  const secure = location.protocol === "https:" ? "; SameSite=None; Secure; Partitioned" : "; SameSite=Lax";
  document.cookie = `zone=${zone}; path=/; max-age=31536000${secure}`;
  const kept = document.cookie.includes(`zone=${zone}`);
  if (kept && document.documentElement.dataset.zone && document.documentElement.dataset.zone !== zone) {
    location.reload();
  }
})();

// After an action the focus is on its result, so that a reader hears it and a keyboard goes on there.
document.addEventListener("htmx:after:swap", () => {
  const result = document.querySelector("[data-focus]");
  if (!result) return;
  result.removeAttribute("data-focus");
  result.tabIndex = -1;
  result.focus({ preventScroll: true });
});

// A field that narrows a list to what has its words in it; what is hidden stays ticked.
for (const field of document.querySelectorAll("[data-filters]")) {
  field.addEventListener("input", (event) => {
    event.stopPropagation(); // It changes no setting.
    const words = field.value.trim().toLowerCase();
    for (const one of document.getElementById(field.dataset.filters).children) {
      one.hidden = !one.textContent.toLowerCase().includes(words);
    }
  });
}
