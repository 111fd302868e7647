from langchain_core.language_models import FakeListChatModel
from langchain_core.output_parsers import StrOutputParser
from langchain_core.prompts import ChatPromptTemplate
from langchain_text_splitters import RecursiveCharacterTextSplitter

chain = ChatPromptTemplate.from_template("Say {word}") | FakeListChatModel(responses=["hello"]) | StrOutputParser()
print("chain:", chain.invoke({"word": "hello"}), len(RecursiveCharacterTextSplitter(chunk_size=10, chunk_overlap=0).split_text("a b c " * 9)))
