import { render } from "preact";
import { Console } from "../console/console.tsx";
import { pageId } from "../facts.ts";

render(<Console sessionId={pageId} />, document.getElementById("app")!);
