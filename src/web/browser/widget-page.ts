/** Puts a button to every example that copies its text. */
for (const button of document.querySelectorAll<HTMLButtonElement>('[data-copy]')) {
  const { copy = '', copied = '', copyFailed = '' } = button.dataset;
  const source = document.querySelector(`[data-example="${copy}"]`);
  const status = button.parentElement?.querySelector('[role="status"]');
  if (!source || !status) continue;
  button.hidden = false;
  const copyExample = async (): Promise<void> => {
    status.textContent = (await copyText(source.textContent)) ? copied : copyFailed;
  };
  button.addEventListener('click', () => void copyExample());
}

async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}
