from greeting import greeting
import streamlit as st

name = st.text_input("Your name", "Ada")
st.write(greeting(name))
