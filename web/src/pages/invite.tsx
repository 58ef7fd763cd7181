import { render } from "preact";
import { pageId } from "../facts.ts";
import { InvitePage } from "../invite/invite-page.tsx";

render(<InvitePage invite={pageId} />, document.getElementById("app")!);
