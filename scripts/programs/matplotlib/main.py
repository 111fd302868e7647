import io

import matplotlib.pyplot as plt
import pandas as pd
import seaborn as sns

frame = pd.DataFrame({"x": range(9), "y": range(9)})
sns.lineplot(frame, x="x", y="y")
for kind in ("png", "svg", "pdf"):
    plt.savefig(io.BytesIO(), format=kind)
frame.to_excel("a.xlsx")
print("rows:", len(pd.read_excel("a.xlsx")), frame.style.to_html()[:6])
