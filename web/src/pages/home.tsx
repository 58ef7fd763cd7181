import { render } from "preact";
import { Home } from "../home/home.tsx";

render(<Home />, document.getElementById("app")!);
