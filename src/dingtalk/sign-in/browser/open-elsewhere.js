// Inside DingTalk: opens an address in the system's own browser. The page has the same address as a link.
const link = document.getElementById('open-elsewhere');
if (link !== null) location.assign(link.href);
