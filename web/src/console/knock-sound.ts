/** Two low knocks on wood, quiet enough for a living room. */
export function knockSound(): void {
  const audio = new AudioContext();
  for (const at of [0, 0.18]) {
    const tone = audio.createOscillator();
    const volume = audio.createGain();
    const start = audio.currentTime + at;
    tone.frequency.setValueAtTime(180, start);
    tone.frequency.exponentialRampToValueAtTime(70, start + 0.12);
    volume.gain.setValueAtTime(0.25, start);
    volume.gain.exponentialRampToValueAtTime(0.001, start + 0.15);
    tone.connect(volume).connect(audio.destination);
    tone.start(start);
    tone.stop(start + 0.16);
  }
  setTimeout(() => void audio.close(), 1000);
}
