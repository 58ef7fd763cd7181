import { render } from "preact";
import { pageId } from "../facts.ts";
import { Play } from "../play/play.tsx";

render(<Play sessionId={pageId} />, document.getElementById("app")!);
