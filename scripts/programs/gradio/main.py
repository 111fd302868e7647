"""The page and one call of its function."""
import sys

import gradio as gr

page = gr.Interface(lambda name: f"Hello {name}", "text", "text", api_name="greet")
page.launch(server_name="127.0.0.1", server_port=int(sys.argv[1]), quiet=True)
