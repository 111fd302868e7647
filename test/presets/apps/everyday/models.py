"""scikit-learn and SciPy: a data set out of the package, a forest, an optimum."""

from answering import answering
from scipy.optimize import minimize_scalar
from sklearn.datasets import load_iris
from sklearn.ensemble import RandomForestClassifier


def check():
    flowers = load_iris()
    forest = RandomForestClassifier(n_estimators=10, random_state=1, n_jobs=2).fit(flowers.data, flowers.target)
    optimum = minimize_scalar(lambda x: (x - 2) ** 2)
    return {"good": bool(forest.score(flowers.data, flowers.target) > 0.9), "optimum": round(float(optimum.x), 3)}


app = answering(check)
