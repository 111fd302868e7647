import lightgbm
import numpy as np
import statsmodels.api as sm
import xgboost

x = np.arange(40.0).reshape(-1, 1)
y = 2 * x[:, 0] + 1
print("xgboost", xgboost.XGBRegressor(n_estimators=3).fit(x, y).predict(x[:1]).shape)
print("lightgbm", lightgbm.LGBMRegressor(n_estimators=3, verbose=-1).fit(x, y).predict(x[:1]).shape)
print("slope:", round(sm.OLS(y, sm.add_constant(x)).fit().params[1], 3))
