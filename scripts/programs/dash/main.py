import plotly.express as px
from dash import Dash, Input, Output, callback, dcc, html

dash = Dash()
dash.layout = html.Div([dcc.Input(id="name", value="Ada"), html.P(id="out"), dcc.Graph(figure=px.bar(x=["a"], y=[1]))])
app = dash.server


@callback(Output("out", "children"), Input("name", "value"))
def greet(name: str) -> str:
    return f"Hello {name}"
