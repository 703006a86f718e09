/* Sending files: dropped anywhere on the page, chosen, or as a whole folder. Without this the plain file input works. */

const form = document.getElementById("drop");
const input = form.querySelector("input[type=file]");
const going = form.querySelector(".ll-drop-going");
const mostFiles = Number(form.dataset.mostFiles);
const mostBytes = Number(form.dataset.mostMb) * 1024 * 1024;
let paths = []; // of the files in the input, by place; empty when they were chosen one by one

/* What a system or a package manager leaves in a folder is no export; a workflow and an example of settings are. */
const OURS = /(^|\/)(\.github\/workflows\/[^/.][^/]*\.ya?ml|\.env\.(\w+\.)?(example|sample|template))$/;
function isNoise(path) {
  return path.replace(OURS, "").split("/").some((part) => /^(\..*|__MACOSX|node_modules|Thumbs\.db|desktop\.ini)$/.test(part));
}

function send(found) {
  const files = found.filter(({ path }) => !isNoise(path));
  if (!files.length) return trouble("No file was found in what was dropped. Choose the folder that holds the exports.");
  if (files.length > mostFiles) {
    return trouble(
      `These are ${files.length.toLocaleString("en")} files; at most ${mostFiles} are sent at once. ` +
        "Pack the folder into one zip and drop that: a repository is read as a whole.",
    );
  }
  const data = new DataTransfer();
  for (const { file } of files) data.items.add(file);
  input.files = data.files;
  paths = files.map(({ path }) => path);
  form.requestSubmit();
}
input.addEventListener("change", () => (paths = []));

/* Folders: the browser hands them out as entries, a hundred at a time. */
function filesIn(entry) {
  if (entry.isFile) {
    return new Promise((done, failed) => entry.file((file) => done([{ file, path: entry.fullPath }]), failed));
  }
  if (isNoise(entry.name)) return [];
  const reader = entry.createReader();
  const batch = () => new Promise((done, failed) => reader.readEntries(done, failed));
  const all = async (found) => {
    const entries = await batch();
    if (!entries.length || found.length > mostFiles) return found;
    for (const inner of entries) found.push(...(await filesIn(inner)));
    return all(found);
  };
  return all([]);
}
/* The name of one dropped folder says nothing; several tell their files apart. */
function withoutTop(found, tops) {
  const bare = found.map(({ file, path }) => ({ file, path: path.replace(/^\//, "") }));
  const top = tops.length === 1 ? `${tops[0]}/` : "";
  return bare.map(({ file, path }) => ({ file, path: top && path.startsWith(top) ? path.slice(top.length) : path }));
}
async function sendDropped(entries, plain) {
  if (!entries.length) return send(plain.map((file) => ({ file, path: file.name })));
  try {
    const found = (await Promise.all(entries.map(filesIn))).flat();
    send(withoutTop(found, entries.map((entry) => entry.name)));
  } catch {
    trouble("The browser may not read this folder. Choose its files, or pack it into a zip and drop that.");
  }
}

function holdsFiles(event) {
  return event.dataTransfer?.types.includes("Files");
}
document.addEventListener("dragover", (event) => {
  if (!holdsFiles(event)) return;
  event.preventDefault();
  form.classList.add("ll-drop--over");
});
document.addEventListener("dragleave", (event) => {
  if (!event.relatedTarget) form.classList.remove("ll-drop--over");
});
document.addEventListener("drop", (event) => {
  if (!holdsFiles(event)) return;
  event.preventDefault();
  form.classList.remove("ll-drop--over");
  trouble("");
  const entries = [...event.dataTransfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
  sendDropped(entries, [...event.dataTransfer.files]);
});

/* The same from the keyboard. */
const folder = form.querySelector("[data-folder]");
folder.hidden = !("webkitdirectory" in input);
folder.addEventListener("click", () => {
  const chooser = Object.assign(document.createElement("input"), { type: "file", webkitdirectory: true });
  chooser.addEventListener("change", () => {
    const found = [...chooser.files].map((file) => ({ file, path: file.webkitRelativePath }));
    if (found.length) send(withoutTop(found, [found[0].path.split("/")[0]]));
  });
  chooser.click();
});

/* A path travels beside each file, since a form sends the last part of a name alone. What is too large stays here. */
form.addEventListener("htmx:configRequest", (event) => {
  const { formData } = event.detail;
  formData.delete("files");
  [...input.files].forEach((file, at) => {
    const path = paths[at] ?? file.name;
    if (file.size > mostBytes) return formData.append("too_large", path);
    formData.append("files", file);
    formData.append("paths", path);
  });
});

/* A bar, what is being done, and how long it will take. */
let started = 0;
function timeLeft(share) {
  const passed = (performance.now() - started) / 1000;
  if (passed < 2 || share <= 0) return "";
  const left = Math.ceil((passed * (1 - share)) / share);
  return left < 90 ? `, about ${left} s left` : `, about ${Math.round(left / 60)} min left`;
}
form.addEventListener("htmx:beforeSend", () => {
  started = performance.now();
  going.hidden = false;
});
form.addEventListener("htmx:xhr:progress", (event) => {
  if (!event.detail.lengthComputable) return;
  const share = event.detail.loaded / event.detail.total;
  going.querySelector("progress").value = 100 * share;
  going.querySelector("p").textContent = `Sending, ${Math.floor(100 * share)} %${timeLeft(share)}`;
});
form.addEventListener("htmx:afterRequest", (event) => {
  going.hidden = true;
  if (event.detail.successful) form.reset();
});
going.querySelector("button").addEventListener("click", () => {
  form.dispatchEvent(new Event("htmx:abort", { bubbles: true }));
  trouble("Sending was stopped. Nothing of it was kept.");
  input.focus();
});
