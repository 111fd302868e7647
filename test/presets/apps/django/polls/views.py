from django.core.management import call_command
from django.http import JsonResponse
from django.shortcuts import render

from .models import Question


def index(request):
    Question.objects.create(text="why?")
    return render(request, "polls/index.html", {"count": Question.objects.count()})


def migrate(request):
    call_command("migrate", verbosity=0)
    return JsonResponse({"ok": True})
