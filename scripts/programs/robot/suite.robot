*** Settings ***
Library    Collections
Library    OperatingSystem
Library    DateTime
Library    XML

*** Test Cases ***
Four Libraries
    ${list}=    Create List    a    b
    List Should Contain Value    ${list}    a
    ${root}=    Parse XML    <a><b/></a>
    ${today}=    Get Current Date
    Directory Should Exist    ${CURDIR}
