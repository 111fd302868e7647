from playwright.sync_api import Error, sync_playwright

with sync_playwright() as p:
    try:
        p.chromium.launch(executable_path="/nowhere/chromium")
    except Error as error:
        print("driver said:", "executable doesn't exist" in str(error))
